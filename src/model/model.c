typedef int wf_model_room;  // until the room has its first source file
